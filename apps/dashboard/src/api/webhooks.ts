import { queryOptions } from '@tanstack/react-query';
import { answer, api, type Schemas } from './client.js';

export type Webhook = Schemas['Webhook'];
export type Delivery = Schemas['Delivery'];

export const webhooks = queryOptions({
  queryKey: ['webhooks'],
  queryFn: async ({ signal }) =>
    (await answer(api.GET('/api/webhooks', { params: { query: { limit: 100 } }, signal }))).data,
});

export const deliveriesOf = (id: string) =>
  queryOptions({
    queryKey: ['webhooks', id, 'deliveries'],
    queryFn: async ({ signal }) =>
      (
        await answer(
          api.GET('/api/webhooks/{id}/deliveries', { params: { path: { id }, query: { limit: 50 } }, signal }),
        )
      ).data,
    refetchInterval: 3000,
  });

export const createWebhook = (body: Schemas['NewWebhook']) => answer(api.POST('/api/webhooks', { body }));
export const updateWebhook = (id: string, body: Schemas['WebhookChange']) =>
  answer(api.PATCH('/api/webhooks/{id}', { params: { path: { id } }, body }));
export const deleteWebhook = (id: string) => answer(api.DELETE('/api/webhooks/{id}', { params: { path: { id } } }));
export const testWebhook = (id: string) => answer(api.POST('/api/webhooks/{id}/test', { params: { path: { id } } }));
export const redeliver = ({ webhook_id, id }: Delivery) =>
  answer(
    api.POST('/api/webhooks/{id}/deliveries/{deliveryId}/redeliver', {
      params: { path: { id: webhook_id, deliveryId: id } },
    }),
  );
