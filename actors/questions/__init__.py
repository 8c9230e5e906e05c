"""Questions: asked without waiting, answered once, never lost."""
