"""What newsreader costs, measured against other programs in one run: `python -m tests.benchmarks`."""
