"""Tree cover of plots from published rasters.

`layouts` says what the bands mean, `tiles` finds and opens the files, `reading` decodes each block
once, `edges` and `zonal` add up what lies in the plots, `compute` keeps `PlotCover` in step with
boundaries and sources, `sources` is what a coordinator does, `synthetic` makes tiles to try it on.
"""
