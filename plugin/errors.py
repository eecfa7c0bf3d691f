"""Everything that can go wrong, as one tree.

LtrrError
├── InvalidRequest      400  what the caller sent cannot be used
│   └── TooLarge        413  ... because it is too big
├── NotFound            404  an id that was never given out, or is gone
├── Forbidden           403  the caller may not see this
├── AssetError          422  an asset file is wrong; the message names file and place
├── EngineError         500  a node, or a program that belongs to it, cannot be made to run
├── IngestError         422  entities could not be read or stored
├── BrokenState         500  learnt state on disk or in the index is damaged
└── Unavailable         503  something that is needed is not there now; worth trying again
    ├── NodeUnavailable      OpenSearch does not answer
    │   └── NodeLate         ... within the time that there was
    ├── MissingIndex         OpenSearch answers, but the index or alias is not there
    ├── SpoolFull            feedback cannot be accepted until the spool drains
    └── Busy            429  there is more to do than this process takes on

Every message says what is wrong and, after it, what to do. The status is the one that the sidecar
answers with; the command line exits with 1 for all of them.
"""

from __future__ import annotations


class LtrrError(Exception):
    """The root of the tree: anything that ltrr raises on purpose."""

    status = 500
    code = "internal"

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


class InvalidRequest(LtrrError):
    status = 400
    code = "invalid_request"


class TooLarge(InvalidRequest):
    status = 413
    code = "too_large"


class NotFound(LtrrError):
    status = 404
    code = "not_found"


class Forbidden(LtrrError):
    status = 403
    code = "forbidden"


class AssetError(LtrrError):
    status = 422
    code = "asset"


class EngineError(LtrrError):
    status = 500
    code = "engine"


class IngestError(LtrrError):
    status = 422
    code = "ingest"


class BrokenState(LtrrError):
    status = 500
    code = "broken_state"


class Unavailable(LtrrError):
    status = 503
    code = "unavailable"
    retry_after_s = 1
    """After how many seconds it is worth trying again."""


class NodeUnavailable(Unavailable):
    code = "node_unavailable"


class NodeLate(NodeUnavailable):
    code = "node_late"


class MissingIndex(Unavailable):
    code = "missing_index"


class SpoolFull(Unavailable):
    code = "spool_full"
    retry_after_s = 5


class Busy(Unavailable):
    status = 429
    code = "busy"
