"""What the operator reads before a decision, computed once for the page, the command line and the socket.

`effective` compares the parsed configurations, `parts` decides what fits into one reply and names the rest, `remarks`
says what nobody enforces, `api` reads the commits and puts the review together.
"""
