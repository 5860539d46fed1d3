"""Keep pytest from importing these modules: they need the libraries that they measure."""

collect_ignore_glob = ["*.py"]
