// An ES module, and the tests are CommonJS: so the emulator runs as a process of its own and says where it is.
import { createEmulator } from 'emulate';

const seed = JSON.parse(process.argv[2]);
const emulator = await createEmulator({
  service: 'slack',
  port: Number(process.argv[3]),
  seed: { slack: seed },
});
process.stdout.write(`${emulator.url}\n`);
process.on('SIGTERM', () => emulator.close().then(() => process.exit(0)));
