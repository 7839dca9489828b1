"""Benchmarks. They state ratios measured side by side in one run; times alone say more of the machine than of us."""
