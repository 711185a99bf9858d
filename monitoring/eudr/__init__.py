"""The geolocation file that the EU's deforestation regulation asks of operators.

Rules followed (Regulation (EU) 2023/1115, article 2(28) and 9(1)(d); 'EUDR GeoJSON file description'
1.5 of the Commission): a GeoJSON FeatureCollection in WGS 84, longitude before latitude, six decimals
or more; ProducerName, ProducerCountry (two letters), ProductionPlace and Area (hectares); for
cattle one point for each establishment, polygons where asked; rings closed, simple and without
holes (the system ignores them); at most 25 MB a file. It states nothing about anyone's deforestation:
what a plot lost is in the report beside it.
"""
