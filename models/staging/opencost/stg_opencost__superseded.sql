{{ superseded_buckets('opencost', 'cluster', 'window') }}
