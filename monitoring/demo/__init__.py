"""A synthetic programme, shaped like the real one: `manage.py demo`.

`parameters` holds every figure with its source; `people`, `land`, `enrolment`, `adoption` and
`farm` turn them into arrays; `programme` puts these together; `bulk` and `replay` write them.
"""
