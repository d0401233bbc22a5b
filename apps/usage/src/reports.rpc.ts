import { ReportsRpc } from '#contracts/reports';
import type { Asked, Serves } from '#contracts/rpc';
import { Serve } from '#rpc/serve';
import { ConfirmBatches } from './operations/confirm-batches.js';
import { GetReport } from './operations/get-report.js';
import { GetRequest } from './operations/get-request.js';
import { ListRequests } from './operations/list-requests.js';

/** Looking into the ledger; and what gateways ask before they forget. */
@Serve(ReportsRpc)
export class ReportsHandlers implements Serves<typeof ReportsRpc> {
  constructor(
    private readonly getReportOperation: GetReport,
    private readonly listRequestsOperation: ListRequests,
    private readonly getRequestOperation: GetRequest,
    private readonly confirmBatchesOperation: ConfirmBatches,
  ) {}

  getReport(request: Asked<typeof ReportsRpc.getReport>) {
    return this.getReportOperation.run(request);
  }

  listRequests(request: Asked<typeof ReportsRpc.listRequests>) {
    return this.listRequestsOperation.run(request);
  }

  getRequest(request: Asked<typeof ReportsRpc.getRequest>) {
    return this.getRequestOperation.run(request);
  }

  confirmBatches(request: Asked<typeof ReportsRpc.confirmBatches>) {
    return this.confirmBatchesOperation.run(request);
  }
}
