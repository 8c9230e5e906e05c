"""`hive doctor`: each check tries what it reports on, with the function that the daemon itself goes by.

A check leaves nothing behind and never raises for what it was made to find. One module per question;
`checks` lists all.
"""
