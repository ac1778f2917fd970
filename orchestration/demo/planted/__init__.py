"""The hard things in the demo's files, each one class. To plant another, write its class and add it to PLANTED."""

from __future__ import annotations

from orchestration.demo.planted import billed, happened, reported, told
from orchestration.demo.scene import Plant

PLANTED: tuple[type[Plant], ...] = (
    told.MissingTags,
    told.OrphanKey,
    happened.LongContext,
    happened.PriceChange,
    happened.OverMidnight,
    happened.FailedCalls,
    happened.Retries,
    happened.ModelWithoutPrice,
    told.PrivateContent,
    told.BypassingKey,
    told.SampledLog,
    told.AbortedStreams,
    told.LateFile,
    told.DuplicatedLines,
    told.RedeliveredFiles,
    told.DeprecatedNames,
    told.DisagreeingRecords,
    told.WrappingSpans,
    told.DuplicateVersions,
    told.ConflictingRows,
    told.CorrectedEfforts,
    reported.MissingBucket,
    reported.PageFetchedTwice,
    reported.EmptyDay,
    reported.GrownBucket,
    reported.CentsNotDollars,
    billed.CreditLines,
    billed.IdenticalBillLines,
    billed.ReplacedSeats,
    billed.CorrectedLine,
    billed.IdenticalInvoiceLines,
    billed.InvoiceCredit,
    billed.InvoiceBesideCostReport,
    billed.PrepaidCredits,
    billed.SeatsAndInvoice,
    billed.RevisedBudgets,
    billed.PromotionalCredit,
    billed.TwoEditions,
)
