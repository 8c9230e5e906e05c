"""The boundary: what a value of an agent, its harness or a peer is, before a component sees it.

`frame` sees to the whole frame at the door, `values` are the kinds of figure and text that requests are made of.
"""
