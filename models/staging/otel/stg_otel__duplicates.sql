{{ duplicates('otel', ['trace_id', 'span_id'], 'ended_at desc') }}
