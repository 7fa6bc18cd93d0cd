package instrument

// Keys of the attributes of operations: those of the record format, and of
// OpenTelemetry's semantic conventions where they have one.
const (
	keyOperation    = "operation"
	keyDuration     = "duration_ms"
	keyStatus       = "status"
	keyStart        = "start_time"
	keyParentSpanID = "parent_span_id"
	keyThreshold    = "threshold_ms"
	keyError        = "error"
	keyErrorType    = "error.type"

	// keyCallerAttrs is the object that holds a caller's attributes whose keys
	// are those of the end record itself.
	keyCallerAttrs = "attrs"
)

// The values of status.
const (
	statusOK       = "ok"
	statusError    = "error"
	statusCanceled = "canceled"
)

// timeLayout is the record format's: UTC, fixed width, microseconds.
const timeLayout = "2006-01-02T15:04:05.000000Z"
