package templates

// AuditDaysAsTyped returns the retention of the audit log as a field has it.
func AuditDaysAsTyped(days int) string { return number(days) }
