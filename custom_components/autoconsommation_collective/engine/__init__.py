"""The sums: values in, values out, time as an argument.

Read in this order: model (the nouns), blocks (energies by step), keys and repartition
(who is owed what), rounding (whole Wh); tariffs, costs and bills (what it is worth);
perimeter (who may take part); simulation (what another key or plant would give); share
(what is expected), signal (what to do about it); metering turns index readings into
steps, settlement and indicators sum what the organiser settled.
"""
