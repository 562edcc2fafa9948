"""The sums: values in, values out, time as an argument.

Read in this order: model (the nouns), blocks (energies by step), repartition (what is
owed), share (what is expected), signal (what to do about it); metering turns index
readings into steps, settlement and indicators sum what the organiser settled.
"""
