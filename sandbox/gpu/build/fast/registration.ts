import type { Image } from './image.ts'
import type { DeviceVariable } from './variables.ts'

const name = (what: string) => `__ks_secret(${what})`

/**
 * The end of a host's half: the machine code, and a constructor that tells CUDA's runtime of it, of its kernels by the names
 * they have there and on the host, and of its variables. Null where a variable is not in the machine code.
 */
export function registration({ bytes, kernels, variables }: Image, named: readonly DeviceVariable[]): string | null {
  if (named.some((one) => !variables.has(one.name))) return null
  return [
    '#line 1 "image"',
    `static const unsigned long long ${name('image')}[] __attribute__((__section__(".nv_fatbin"), __aligned__(8))) = {${words(bytes)}};`,
    `static ::__ks::Image ${name('wrapper')} __attribute__((__section__(".nvFatBinSegment"), __used__)) = {0x466243b1, 1, ${name('image')}, nullptr};`,
    ...kernels.map((kernel, at) => `extern "C" void ${name(`kernel_${at}`)}() __asm__("${kernel}");`),
    ...named.map((one) => `static_assert(sizeof(::${one.name}) == ${variables.get(one.name)?.bytes});`),
    `__attribute__((__constructor__)) static void ${name('enroll')}() {`,
    `  void **image = ::__ks::enroll(&${name('wrapper')});`,
    ...kernels.map((kernel, at) => `  ::__ks::enroll_kernel(image, (const void *)${name(`kernel_${at}`)}, "${kernel}");`),
    ...named.map(
      (one) => `  ::__ks::enroll_variable(image, &::${one.name}, "${one.name}", sizeof(::${one.name}), ${Number(one.constant)});`,
    ),
    '  ::__ks::enrolled(image);',
    '}',
    '',
  ].join('\n')
}

function words(bytes: Buffer): string {
  const padded = Buffer.concat([bytes, Buffer.alloc((8 - (bytes.length % 8)) % 8)])
  const parts: string[] = []
  for (let at = 0; at < padded.length; at += 8) parts.push(`0x${padded.readBigUInt64LE(at).toString(16)}ULL`)
  return parts.join(',')
}
