"""Files of the shipped data sets. Their terms are in DATA_TERMS.rst."""
