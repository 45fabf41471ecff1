/**
 * The way of people to the API and its page, and the check that it answers. By `api.access`: `iam`, its address is open
 * to those alone whom the stack names in `viewers`, by Google's tokens; `iap`, a domain of yours behind a load balancer
 * with the Identity-Aware Proxy, where they log in by browser; `internal`, nobody from outside the project's network.
 */
import * as gcp from '@pulumi/gcp';
import * as pulumi from '@pulumi/pulumi';
import { type Naming, under } from './naming.ts';
import type { Platform } from './platform.ts';
import type { Serverless } from './serverless.ts';

export interface FrontArgs {
  readonly platform: Platform;
  readonly serverless: Serverless;
  readonly projectNumber: pulumi.Input<string>;
}

export class Front extends pulumi.ComponentResource {
  /** null: nobody from outside reaches it, and Google's checks do not either. */
  readonly uptime: gcp.monitoring.UptimeCheckConfig | null;
  /** What the A record of the domain must say; null: no domain. */
  readonly address: pulumi.Output<string> | null;
  /** For LOGWEIR_IAP_AUDIENCE; null: no Identity-Aware Proxy. */
  readonly iapAudience: pulumi.Output<string> | null;
  private readonly naming: Naming;
  private readonly args: FrontArgs;

  constructor(naming: Naming, args: FrontArgs, opts?: pulumi.ComponentResourceOptions) {
    super('logweir:infra:Front', naming.name('front'), {}, opts);
    this.naming = naming;
    this.args = args;
    const { api } = naming.settings;
    const proxied = api.access === 'iap' ? this.proxy(api.domain) : null;
    this.address = proxied?.address ?? null;
    this.iapAudience = proxied?.audience ?? null;
    this.uptime =
      api.access === 'internal'
        ? null
        : api.access === 'iap'
          ? this.check(api.domain, false)
          : this.check(
              args.serverless.urlOf('api').apply((url) => new URL(url).host),
              true,
            );
    this.registerOutputs({});
  }

  private invoker(what: string, service: string): gcp.cloudrunv2.ServiceIamMember {
    const { project, region } = this.naming.settings;
    const agent = new gcp.projects.ServiceIdentity(
      this.naming.name(`${what}-agent`),
      { project, service },
      under(this, this.args.platform.apis),
    );
    return new gcp.cloudrunv2.ServiceIamMember(
      this.naming.name(`api-called-by-${what}`),
      {
        ...{ project, location: region, role: 'roles/run.invoker' },
        name: this.args.serverless.functionOf('api').name,
        member: pulumi.interpolate`serviceAccount:${agent.email}`,
      },
      under(this),
    );
  }

  /** Every minute, from three continents. Behind the proxy it sees the proxy's answer, and not the API's. */
  private check(host: pulumi.Input<string>, withToken: boolean): gcp.monitoring.UptimeCheckConfig {
    const { project } = this.naming.settings;
    const grant = withToken ? [this.invoker('monitoring', 'monitoring.googleapis.com')] : [];
    return new gcp.monitoring.UptimeCheckConfig(
      this.naming.name('api-health'),
      {
        project,
        displayName: this.naming.name('api-health'),
        period: '60s',
        timeout: '10s',
        selectedRegions: ['EUROPE', 'USA', 'ASIA_PACIFIC'],
        userLabels: { ...this.naming.labels },
        monitoredResource: { type: 'uptime_url', labels: { project_id: project, host } },
        httpCheck: {
          ...{ path: '/health', port: 443, useSsl: true, validateSsl: true },
          acceptedResponseStatusCodes: [{ statusClass: 'STATUS_CLASS_2XX' }].concat(
            withToken ? [] : [{ statusClass: 'STATUS_CLASS_3XX' }, { statusClass: 'STATUS_CLASS_4XX' }],
          ),
          ...(withToken ? { serviceAgentAuthentication: { type: 'OIDC_TOKEN' } } : {}),
        },
      },
      under(this, grant),
    );
  }

  /** Source: https://cloud.google.com/iap/docs/enabling-cloud-run */
  private proxy(domain: string): { address: pulumi.Output<string>; audience: pulumi.Output<string> } {
    const { project, region, viewers } = this.naming.settings;
    const name = this.naming.name('api');
    const after = under(this, this.args.platform.ready);
    const invoker = this.invoker('iap', 'iap.googleapis.com');
    const group = new gcp.compute.RegionNetworkEndpointGroup(
      name,
      {
        ...{ project, region, networkEndpointType: 'SERVERLESS' },
        cloudRun: { service: this.args.serverless.functionOf('api').name },
      },
      after,
    );
    const backend = new gcp.compute.BackendService(
      name,
      {
        ...{ project, protocol: 'HTTPS', loadBalancingScheme: 'EXTERNAL_MANAGED' },
        backends: [{ group: group.id }],
        iap: { enabled: true },
        logConfig: { enable: true, sampleRate: 1 },
      },
      under(this, [invoker]),
    );
    viewers.forEach((member, i) => {
      new gcp.iap.WebBackendServiceIamMember(
        this.naming.name(`viewer-${i}`),
        { project, webBackendService: backend.name, role: 'roles/iap.httpsResourceAccessor', member },
        under(this),
      );
    });
    const certificate = new gcp.compute.ManagedSslCertificate(
      name,
      { project, managed: { domains: [domain] } },
      after,
    );
    const map = new gcp.compute.URLMap(name, { project, defaultService: backend.id }, under(this));
    const target = new gcp.compute.TargetHttpsProxy(
      name,
      { project, urlMap: map.id, sslCertificates: [certificate.id] },
      under(this),
    );
    const { address } = new gcp.compute.GlobalAddress(name, { project }, after);
    new gcp.compute.GlobalForwardingRule(
      name,
      {
        ...{ project, target: target.id, ipAddress: address, portRange: '443' },
        loadBalancingScheme: 'EXTERNAL_MANAGED',
        labels: { ...this.naming.labels },
      },
      under(this),
    );
    const audience = pulumi.interpolate`/projects/${this.args.projectNumber}/global/backendServices/${backend.generatedId}`;
    return { address, audience };
  }
}
