"""The organiser's documents: what arrives, never what it means for the house.

Reading order: `names` which documents exist, `invitation` where they lie, `client` fetches
bytes, `sealing` opens a member's own, `documents` and `pages` read bytes into engine types.
Files handed over outside the feed are read by `deliveries`, those of a study by `study_files`.
"""
