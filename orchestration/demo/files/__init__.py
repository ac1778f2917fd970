"""The landed files, one module a kind of file. To add a source, write its class and add it to FILES."""

from __future__ import annotations

from orchestration.demo.files.aws_bill import AwsBill
from orchestration.demo.files.azure_bill import AzureBill
from orchestration.demo.files.business import Budgets, Customers, Revenue
from orchestration.demo.files.cost_and_usage import CostAndUsage
from orchestration.demo.files.flat_calls import FlatCalls
from orchestration.demo.files.gateway_log import GatewayLog
from orchestration.demo.files.google_bill import GoogleBill
from orchestration.demo.files.invoices import Invoices
from orchestration.demo.files.kubernetes import OpenCost
from orchestration.demo.files.langfuse import Langfuse
from orchestration.demo.files.oracle_bill import OracleBill
from orchestration.demo.files.outcomes import HumanEffort, Outcomes
from orchestration.demo.files.price_map import LiteLLMPrices
from orchestration.demo.files.seats import Copilot, Licences
from orchestration.demo.files.spans import Spans
from orchestration.demo.files.vendor_reports import AnthropicCost, AnthropicUsage, OpenAICosts, OpenAIUsage
from orchestration.demo.scene import Files

# Each sees what those before it have made.
FILES: tuple[type[Files], ...] = (
    GatewayLog,
    Spans,
    Langfuse,
    FlatCalls,
    Outcomes,
    HumanEffort,
    Customers,
    Revenue,
    Budgets,
    AwsBill,
    CostAndUsage,
    OpenAIUsage,
    OpenAICosts,
    AnthropicUsage,
    AnthropicCost,
    OracleBill,
    GoogleBill,
    AzureBill,
    Licences,
    Copilot,
    OpenCost,
    Invoices,
    LiteLLMPrices,
)
