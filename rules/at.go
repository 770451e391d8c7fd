package rules

// At is the Binding of t under an expression that comes from outside the type, such as a command
// line: nil for the default. The error, a *TagError, says why it does not fit and what would.
func (m *Model) At(t Type, e *Expr) (Binding, error) {
	if why := misfit(e, t); why != "" {
		return Binding{}, tagError(t, "", e.String(), why)
	}
	return m.bind(t, e), nil
}
