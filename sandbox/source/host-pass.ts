import { openingBracket } from './brackets.ts'
import { type MarkedFunction, markedFunctions, unmarkedFunctions } from './functions.ts'
import { type Token, tokenize } from './tokens.ts'

/**
 * nvcc reads a file twice, as the GPU sees it and as the host sees it. What it refuses it refuses the first time, but for
 * three things: a function of the device's that the host calls, text that differs between the two, and a function of the
 * program's whose name CUDA's headers define for the host only. This looks for signs of them. In doubt there are: a needless
 * second reading costs time, a missing one a wrong answer.
 */
export function onlyHostPassTells({
  code,
  wrapper,
  tests,
}: {
  code: string
  wrapper: string
  tests: readonly string[]
}): boolean {
  const parts = [code, wrapper, ...tests].map((text) => {
    const { tokens } = tokenize(text)
    return { tokens, functions: markedFunctions(tokens) }
  })
  const tokens = parts.flatMap((part) => part.tokens)
  const functions = parts.flatMap((part) => part.functions)
  const own = new Set([...functions.map(({ name }) => name), ...unmarkedFunctions(tokens), ...macros(tokens)])
  if (tokens.some(({ text, kind }) => kind === 'identifier' && DIFFERS.has(text)) || hasUnusualDirective(tokens)) return true
  if ([...own].some((name) => MATHEMATICS.has(name) || DEVICES.test(name))) return true
  if (parts.some((part) => declaresOfDevice(hostTokens(part)))) return true
  const device = new Set(functions.filter(isForDevice).map(({ name }) => name))
  return parts.some((part) => hostTokens(part).some((_, at, host) => isOfDevice(host, at, device, own)))
}

/** Words of texts, or of whole classes of functions, that may mean one thing to the host and another to the device. */
const DIFFERS = new Set(['__CUDA_ARCH__', '__CUDA_ARCH_LIST__', 'operator', '_Pragma', 'NV_IF_TARGET', 'NV_IF_ELSE_TARGET'])

/** What may stand in a preprocessor line: headers that are the same for both, and definitions, whose words are looked at. */
const PLAIN_DIRECTIVES = new Set(['define', 'undef', 'pragma'])
const PLAIN_HEADER =
  /^<?(?:(?:c(?:assert|float|limits|math|stddef|stdint|stdio|stdlib|string|time)|algorithm|array|chrono|fstream|functional|iomanip|iostream|limits|map|numeric|queue|random|set|sstream|string|tuple|type_traits|utility|vector)|(?:assert|float|limits|math|stdio|stdlib|string|time|cuda|cuda_runtime|device_launch_parameters)\.h)>?$/

function hasUnusualDirective(tokens: readonly Token[]): boolean {
  return tokens.some(({ text, directive }, at) => {
    if (text !== '#' || directive < 0 || tokens[at - 1]?.directive === directive) return false
    const rest = tokens.slice(at + 1).filter((token) => token.directive === directive)
    const [word, ...after] = rest.map((token) => token.text)
    if (word === 'include') return !PLAIN_HEADER.test(after.join('').replaceAll('"', ''))
    return word !== undefined && !PLAIN_DIRECTIVES.has(word)
  })
}

function macros(tokens: readonly Token[]): string[] {
  return tokens.flatMap(({ text, directive }, at) => (directive >= 0 && tokens[at - 1]?.text === 'define' ? [text] : []))
}

function isForDevice({ qualifiers }: MarkedFunction): boolean {
  return qualifiers.has('__device__') && !qualifiers.has('__host__')
}

/** All that is not the body of a kernel or of a function for the device alone. */
function hostTokens({ tokens, functions }: { tokens: readonly Token[]; functions: readonly MarkedFunction[] }): Token[] {
  const bodies = functions.filter((one) => !one.qualifiers.has('__host__')).flatMap(({ body }) => body ?? [])
  const declared = new Set(functions.filter(isForDevice).map(({ name }) => name))
  return tokens.filter(({ text }, at) => {
    if (bodies.some(({ from, to }) => at >= from && at <= to)) return false
    // The name in a declaration of the function itself is no use of it.
    return !(declared.has(text) && functions.some(({ body, name }) => name === text && isDeclaration(tokens, at, body)))
  })
}

const OF_DEVICE: ReadonlySet<string> = new Set(['__shared__', '__device__', '__constant__', '__managed__'])

/** A variable of the device in braces of the host's: in a function nvcc refuses it only as the host reads it. */
function declaresOfDevice(host: readonly Token[]): boolean {
  let depth = 0
  return host.some(({ text }) => {
    if (text === '{') depth++
    else if (text === '}') depth--
    return depth > 0 && OF_DEVICE.has(text)
  })
}

function isDeclaration(tokens: readonly Token[], at: number, body: MarkedFunction['body']): boolean {
  const before = tokens.slice(Math.max(0, at - 12), at).map(({ text }) => text)
  const since = Math.max(before.lastIndexOf(';'), before.lastIndexOf('}'), before.lastIndexOf('{'))
  return before.slice(since + 1).includes('__device__') && (body === null || at < body.from)
}

/** A word of host code that may be a function of the device's: one of the program's, or one that nobody here knows. */
function isOfDevice(tokens: readonly Token[], at: number, device: ReadonlySet<string>, own: ReadonlySet<string>): boolean {
  const { text, kind } = tokens[at] as Token
  if (kind !== 'identifier') return false
  if (device.has(text)) return true
  if (text.startsWith('__')) return !MARKS.test(text)
  const before = tokens[at - 1]
  if (tokens[at + 1]?.text !== '(' || own.has(text) || KNOWN.has(text) || CUDA_HOST.test(text)) return false
  const member = before?.text === '.' || before?.text === '->'
  const ofLibrary = before?.text === '::' && tokens[at - 2]?.text === 'std'
  const declares = (before?.kind === 'identifier' && !LEADS_CALL.has(before.text)) || before?.text === '>' || isShape(tokens, at)
  return !member && !ofLibrary && !declares && !MATHEMATICS.has(text)
}

/** `b` in `dim3 a(1), b(2)`. */
function isShape(tokens: readonly Token[], at: number): boolean {
  if (tokens[at - 1]?.text !== ',') return false
  for (let i = at - 1; i >= 0; i--) {
    const { text } = tokens[i] as Token
    if (text === ')' || text === '}' || text === ']') i = openingBracket(tokens, i)
    else if (text === '(' || text === ';' || text === '{') return false
    else if (text === 'dim3') return tokens[i + 1]?.kind === 'identifier'
    if (i < 0) return false
  }
  return false
}

const MARKS =
  /^__(?:global|device|host|shared|constant|managed|launch_bounds|restrict|forceinline|noinline|inline|align|FILE|LINE|func)__$|^__restrict$/
/** The runtime's functions, all of the host. */
const CUDA_HOST = /^(?:cuda[A-Z]\w*|make_(?:u?(?:char|short|int|long|longlong)|float|double)[1-4]|dim3)$/
const LEADS_CALL = new Set(['return', 'else', 'do', 'case', 'throw', 'new', 'delete', 'goto'])

/** What host code calls, and both know. */
const KNOWN: ReadonlySet<string> = new Set(
  (
    'if for while switch return sizeof catch alignof decltype static_assert void int float double char long short unsigned bool ' +
    'wrapper main malloc calloc realloc free exit abort printf fprintf sprintf snprintf puts putchar fflush rand srand time ' +
    'memcpy memset memmove memcmp strlen strcmp strcpy strncpy assert sort fill copy swap string vector pair tuple ' +
    'static_cast reinterpret_cast const_cast defined setw setprecision setfill accumulate iota reverse to_string make_pair'
  ).split(' '),
)

/** Other functions that CUDA's headers declare, without a mark in their name that says so: a call may mean one of them. */
const DEVICES =
  /^(?:any|ballot|atomic[A-Z]\w*|syncthreads_\w+|d(?:add|mul|sub)|(?:int|uint|ll|ull|float|double)2(?:int|uint|ll|ull|float|double)|r?norm(?:[34]d)?f?|cyl_bessel_i[01]f?|(?:tex|surf)(?:[123]D|Cubemap)\w*|cuda(?:CG|Launch|Occupancy|Func|Graph|Get|Grid|Trigger|Malloc|Memcpy|Memset|Host|Stream|Event|Free)\w*)$/

/** Functions of mathematics that CUDA's headers have for both: calling one is nothing, defining one may be refused. */
export const MATHEMATICS: ReadonlySet<string> = new Set(
  (
    'min max umin umax llmin llmax ullmin ullmax abs labs llabs fabs fabsf floor floorf ceil ceilf trunc truncf round roundf rint ' +
    'rintf lrint lrintf llrint llrintf lround lroundf llround llroundf nearbyint nearbyintf sqrt sqrtf rsqrt rsqrtf cbrt cbrtf ' +
    'rcbrt rcbrtf hypot hypotf rhypot rhypotf norm normf exp expf exp2 exp2f exp10 exp10f expm1 expm1f log logf log2 log2f log10 ' +
    'log10f log1p log1pf logb logbf ilogb ilogbf pow powf sin sinf cos cosf tan tanf asin asinf acos acosf atan atanf atan2 ' +
    'atan2f sinh sinhf cosh coshf tanh tanhf asinh asinhf acosh acoshf atanh atanhf sincos sincosf sinpi sinpif cospi cospif ' +
    'sincospi sincospif erf erff erfc erfcf erfinv erfinvf erfcinv erfcinvf erfcx erfcxf normcdf normcdff normcdfinv normcdfinvf ' +
    'tgamma tgammaf lgamma lgammaf j0 j0f j1 j1f jn jnf y0 y0f y1 y1f yn ynf fmin fminf fmax fmaxf fmod fmodf fma fmaf fdim ' +
    'fdimf remainder remainderf remquo remquof copysign copysignf nextafter nextafterf nan nanf ldexp ldexpf frexp frexpf modf ' +
    'modff scalbn scalbnf scalbln scalblnf fdivide fdividef isnan isinf isfinite signbit saturate clock clock64'
  ).split(' '),
)
