"""The sums: values in, values out, time as an argument.

Read in this order: model (the nouns), blocks (energies by step), keys and repartition
(who is owed what), rounding (whole Wh); share (what is expected), signal (what to do
about it); metering turns index readings into steps, settlement and indicators sum what
the organiser settled. What it is worth: tariffs, terms, costs, income, prepaid, bills.
Who may take part: perimeter. What if: participation, study, simulation.
"""
