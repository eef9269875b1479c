import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Ajv from 'ajv';
import { parse } from 'yaml';
import { loadConfig } from '../../src/config';
import schema from '../fixtures/kubernetes-1.36.schema.json';
import { finalStage, last, read, root } from './dockerfile';
import { STOP_SECONDS, unknownNames } from './settings';

const DIRECTORY = 'deploy/kubernetes';
const manifest = (name: string) => parse(read(`${DIRECTORY}/${name}.yaml`));
const files = readdirSync(join(root, DIRECTORY)).map((file) => file.replace(/\.yaml$/, ''));
const manifests = files.filter((file) => file !== 'kustomization');

const deployment = manifest('deployment');
const pod = deployment.spec.template.spec;
const [container] = pod.containers;
const { stringData } = manifest('secret.example');
const config = manifest('configmap');
const kustomization = manifest('kustomization');

const ajv = new Ajv({ allErrors: true, allowUnionTypes: true }).addSchema(schema, 'kubernetes');
const check = (object: { kind: string }) => {
  ajv.validate({ $ref: `kubernetes#/$defs/V1${object.kind}` }, object);
  return ajv.errors ?? [];
};

/** The settings that the pod's environment names, with the mounted secret in a directory of this machine. */
function settingsWith(secrets: Record<string, string>) {
  const directory = mkdtempSync(join(tmpdir(), 'secret-'));
  const [mount] = container.volumeMounts;
  for (const [name, text] of Object.entries(secrets)) writeFileSync(join(directory, name), text);
  const named = container.env.map(({ name, value }: { name: string; value: string }) => [
    name,
    value.replace(mount.mountPath, directory),
  ]);
  try {
    return loadConfig({ ...config.data, ...Object.fromEntries(named) });
  } finally {
    rmSync(directory, { recursive: true });
  }
}

describe('deploy/kubernetes', () => {
  it.each(manifests)('%s.yaml follows the schema of Kubernetes', (name) => {
    expect(check(manifest(name))).toEqual([]);
  });

  it('is checked by a schema that can reject a manifest', () => {
    const [one] = check({ ...deployment, spec: { ...deployment.spec, replica: 2 } });
    expect(one).toMatchObject({ instancePath: '/spec', params: { additionalProperty: 'replica' } });
  });

  it('applies every manifest but the example, with the version of the app', () => {
    const applied = kustomization.resources.map((file: string) => file.replace(/\.yaml$/, ''));
    expect(applied).toEqual(manifests.filter((name) => name !== 'secret.example'));
    const [image] = kustomization.images;
    expect(image.name).toBe(container.image);
    expect(image.newTag).toBe(JSON.parse(read('package.json')).version);
  });

  it('belongs together by one name and one label', () => {
    const labels = { 'app.kubernetes.io/name': 'toloka-archive' };
    expect(manifests.map((name) => manifest(name).metadata.name)).toEqual(
      manifests.map(() => 'toloka-archive'),
    );
    const selectors = [
      deployment.spec.selector.matchLabels,
      deployment.spec.template.metadata.labels,
      manifest('service').spec.selector,
      manifest('disruption-budget').spec.selector.matchLabels,
      ...pod.topologySpreadConstraints.map(
        ({ labelSelector }: { labelSelector: { matchLabels: object } }) => labelSelector.matchLabels,
      ),
    ];
    expect(selectors).toEqual(selectors.map(() => labels));
  });

  it('knows only settings of the app, and refuses the tokens of the example', () => {
    expect(unknownNames(config.data)).toEqual([]);
    expect(() => settingsWith(stringData)).toThrow(/TOLOKA_TOKEN.* is the value of \.env\.example/);
  });

  it('has every setting that two replicas need, with the secrets as files', () => {
    const own = Object.entries<string>(stringData).map(([name, text]) => [name, text.replace('your-', '1-')]);
    const settings = settingsWith(Object.fromEntries(own));
    expect(settings.databaseUrl).toBe(stringData.DATABASE_URL);
    expect(settings.slack.transport.mode).toBe('socket');
    expect(container.env.map(({ name }: { name: string }) => name)).toEqual(
      Object.keys(stringData).map((name) => `${name}_FILE`),
    );
    const { replicas, strategy } = deployment.spec;
    const most = replicas + strategy.rollingUpdate.maxSurge;
    expect([replicas, most * settings.tolokaRequestsPerSecond <= 300]).toEqual([2, true]);
  });

  it('asks the routes of the app at its port', () => {
    const { startupProbe, livenessProbe, readinessProbe, ports } = container;
    const probes = [startupProbe, livenessProbe, readinessProbe].map(({ httpGet }) => httpGet);
    expect(probes.map(({ path }) => path)).toEqual(['/healthz', '/healthz', '/readyz']);
    for (const { path } of probes) expect(read('src/process/health.ts')).toContain(`'GET ${path}'`);
    const [{ name, containerPort }] = ports;
    expect(probes.map(({ port }) => port)).toEqual([name, name, name]);
    expect(manifest('service').spec.ports[0].targetPort).toBe(name);
    expect(String(containerPort)).toBe(last(finalStage, 'EXPOSE'));
  });

  it('lets Prometheus find the metrics, which are at a port of their own in both modes', () => {
    const { annotations } = deployment.spec.template.metadata;
    const port = annotations['prometheus.io/port'];
    expect(annotations).toEqual({
      'prometheus.io/scrape': 'true',
      'prometheus.io/port': config.data.METRICS_PORT,
      'prometheus.io/path': '/metrics',
    });
    expect(read('src/app.ts')).toContain(`'GET ${annotations['prometheus.io/path']}'`);
    expect(container.ports).toContainEqual({ name: 'metrics', containerPort: Number(port) });
    // The service, which may be public in HTTP mode, has only the other one.
    expect(manifest('service').spec.ports).toHaveLength(1);
  });

  it('gives the app its time to stop, after the sleep in which load balancers notice', () => {
    const { seconds } = container.lifecycle.preStop.sleep;
    expect(pod.terminationGracePeriodSeconds).toBe(seconds + STOP_SECONDS);
  });

  it('fulfils the Pod Security Standard `restricted`, as the user of the image', () => {
    const [user, group] = last(finalStage, 'USER').split(':').map(Number);
    expect(pod.securityContext).toEqual({
      runAsNonRoot: true,
      runAsUser: user,
      runAsGroup: group,
      fsGroup: group,
      seccompProfile: { type: 'RuntimeDefault' },
    });
    expect(container.securityContext).toEqual({
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ['ALL'] },
    });
    expect([pod.hostNetwork, pod.hostPID, pod.hostIPC]).toEqual([undefined, undefined, undefined]);
    // The group of the pod may read the files, and nobody else.
    expect(pod.volumes).toEqual([
      { name: 'secrets', secret: { secretName: 'toloka-archive', defaultMode: 0o440 } },
    ]);
  });

  it('keeps the real secret out of git', () => {
    expect(read('.gitignore')).toContain(`\n${DIRECTORY}/secret.yaml\n`);
  });
});
