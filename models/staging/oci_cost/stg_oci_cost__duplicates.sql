{{ duplicates('oci_cost', 'reference_no', 'usage_end desc') }}
