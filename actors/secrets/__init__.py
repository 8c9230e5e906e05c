"""The secret store: values that agents use and that stand in no configuration, diff, log, event, database or argv.

`store` keeps them as files, `references` finds where a configuration names one and puts the value in its place,
`redaction` takes values out of what is stored and shown, `credentials` finds values that belong here.
"""
