"""One module per file format. Each reader turns a `Source` into a `Taxonomy` and reports all faults together."""
