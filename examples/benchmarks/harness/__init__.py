"""What all benchmarks share: one way to run, to keep results, and to report them.

A page is a script ``bench_NAME.py`` beside this folder. It has three functions, and
ends with a call of `harness.run.main`:

- ``make_cases(data_sets, n_seeds)``: a list of dicts of plain values, one a run, with
  "data" and "seed" among the keys;
- ``run_case(data, case)``: the rows of one run, as dicts of plain values;
- ``report(table, folder)``: writes tables and figures of all rows into a folder.

Results go to a CSV file. Those that the documentation shows are in ``doc/benchmarks``,
called ``NAME.csv`` or, compressed, ``NAME.csv.gz``. Its build finds the page by that
name and puts the tables and figures into ``doc/_generated/NAME``.
"""
