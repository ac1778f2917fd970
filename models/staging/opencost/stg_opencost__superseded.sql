{{ superseded('opencost', 'cluster', 'window_start') }}
