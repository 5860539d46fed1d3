"""Keep pytest from importing what is run from the command line: its modules import one another."""

collect_ignore = ["run.py", "scores.py"]
