"""The operator's comments on the lines of proposals, and the marks of files that were viewed.

`places` finds the line of a comment, now and after a change; `table` has the SQL; `writer` is the queue's part, the one
writer; `notes` puts together what is noted of an approval; `api` has a function per request.
"""
