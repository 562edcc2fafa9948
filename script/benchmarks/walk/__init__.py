"""Walk-forward: each month of a simulated year told from what was settled two months before."""
