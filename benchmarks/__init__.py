"""The product measured: ratios in one run, medians over several rounds. ``make bench`` prints them all."""
