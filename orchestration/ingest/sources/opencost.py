"""`opencost`: what pods and GPUs cost in a window, as OpenCost's CSV export or its allocation API writes it, in USD.

OpenCost computes in binary floating point, so digits after the eighteenth are noise and are rounded away. Idle and
unmounted cost are rows of their own.
"""

from orchestration.ingest.spec import Carrier, Column, Source

MODULE_VERSION = 2


def of_pod(name: str, *landed: str, kind: str = "text") -> Column:
    """A property of what the cost is of: a column in CSV, inside `properties` in JSON."""
    return Column(name, kind, landed=landed, inside=("properties", (name,)))


def cost(name: str, *landed: str) -> Column:
    return Column(name, "float_money", landed=landed)


SOURCE = Source(
    name="opencost",
    version=MODULE_VERSION,
    event="window_start",
    levels=(("data",), ("*",)),
    carriers=(Carrier("properties"),),
    deliveries=("cluster", "window_start"),
    columns=(
        Column("name"),
        Column("window_start", "time", landed=("start", "Date"), required=True, not_null=True),
        Column("window_end", "time", landed=("end",)),
        of_pod("cluster", "Cluster"),
        of_pod("node", "Node"),
        of_pod("providerID", "ProviderID"),
        of_pod("namespace", "Namespace"),
        of_pod("controllerKind", "ControllerKind"),
        of_pod("controller", "ControllerName"),
        of_pod("pod", "Pod"),
        of_pod("container", "Container"),
        Column("labels", "tags", inside=("properties", ("labels",))),
        cost("cpu_core_hours", "cpuCoreHours"),
        cost("ram_byte_hours", "ramByteHours"),
        cost("gpu_hours", "gpuHours"),
        cost("gpu_count", "gpuCount", "GPUs"),
        cost("cpu_cost", "cpuCost", "CPUCost"),
        cost("ram_cost", "ramCost", "RAMCost"),
        cost("gpu_cost", "gpuCost", "GPUCost"),
        cost("network_cost", "networkCost", "NetworkCost"),
        cost("storage_cost", "pvCost", "PVCost"),
        cost("load_balancer_cost", "loadBalancerCost"),
        cost("shared_cost", "sharedCost"),
        cost("external_cost", "externalCost"),
        Column("total_cost", "float_money", landed=("totalCost", "TotalCost"), required=True, not_null=True),
    ),
)
