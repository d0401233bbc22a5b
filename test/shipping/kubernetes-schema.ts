import { fileURLToPath } from 'node:url';
import ts from 'typescript';

export interface Manifest {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly labels?: Record<string, string> };
}

type Model = new (manifest: Manifest) => { validate(): void };

/** What the API server would find wrong: types, missing fields, values out of their range. */
export async function schemaError(manifest: Manifest): Promise<string | undefined> {
  const models: Record<string, Model | undefined> = await import(`kubernetes-models/${manifest.apiVersion}`);
  const Model = models[manifest.kind];
  if (!Model) return `there is no ${manifest.kind} in ${manifest.apiVersion}`;
  try {
    new Model(manifest).validate();
    return undefined;
  } catch (error) {
    return (error as Error).message;
  }
}

const FILE = fileURLToPath(new URL('./manifests.generated.ts', import.meta.url));
const OPTIONS: ts.CompilerOptions = {
  strict: true,
  noEmit: true,
  skipLibCheck: true,
  types: [],
  module: ts.ModuleKind.NodeNext,
  moduleResolution: ts.ModuleResolutionKind.NodeNext,
};

/**
 * The schemas let fields pass that do not exist, and `readinesProbe` is a pod without a probe. The types of the same
 * package do not: each manifest, written down as a literal of its type, has to compile. The file is never on the disk.
 */
export function unknownFields(manifests: readonly Manifest[]): string[] {
  const source = manifests
    .map((manifest, index) => {
      const type = `import('kubernetes-models/${manifest.apiVersion}', { with: { 'resolution-mode': 'import' } }).I${manifest.kind}`;
      return `export const manifest${index}: ${type} = ${JSON.stringify(manifest)};`;
    })
    .join('\n');
  const disk = ts.createCompilerHost(OPTIONS);
  const host: ts.CompilerHost = {
    ...disk,
    fileExists: (file) => file === FILE || disk.fileExists(file),
    readFile: (file) => (file === FILE ? source : disk.readFile(file)),
    getSourceFile: (file, options, ...rest) =>
      file === FILE ? ts.createSourceFile(file, source, options) : disk.getSourceFile(file, options, ...rest),
  };
  return ts.getPreEmitDiagnostics(ts.createProgram([FILE], OPTIONS, host)).map(({ messageText, start, file }) => {
    const line = file && start !== undefined ? file.getLineAndCharacterOfPosition(start).line : 0;
    const { kind, metadata } = manifests[line] ?? { kind: '?', metadata: { name: '?' } };
    return `${kind} ${metadata.name}: ${ts.flattenDiagnosticMessageText(messageText, ' ')}`;
  });
}
