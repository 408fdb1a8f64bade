// See README.md. One program, one process; not for several threads.
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <cxxabi.h>
#include <cuda_runtime_api.h>
#include <fcntl.h>
#include <map>
#include <string>
#include <unistd.h>
#include <vector>

namespace {

struct Allocation {
  char *start;
  size_t bytes;
  unsigned number;
  bool host;
};
struct Kernel {
  std::string name;
  std::vector<std::string> types;
};
struct Variable {
  std::string name;
  char *place;
  size_t bytes;
};

// Units register themselves before anything else is made.
#define FIRST __attribute__((init_priority(101)))
std::vector<Allocation> allocations FIRST;
std::map<const void *, Kernel> kernels FIRST;
std::map<const void *, Variable> variables FIRST;
std::map<std::string, unsigned> calls FIRST;
unsigned numbered = 0;
cudaError_t last = cudaSuccess, stuck = cudaSuccess, coming = cudaSuccess;
bool hangs = false;
struct Configuration {
  dim3 grid, block;
  size_t shared;
  cudaStream_t stream;
};
std::vector<Configuration> configurations FIRST;
// The program begins when its unit registers what is in it after the loader's own is there.
bool of_the_program = false;

// From the environment, else from the file that a jail may show.
const char *setting(const char *name) {
  static const std::string text = [] {
    char piece[4096] = "";
    int file = open("/stand-in", O_RDONLY);
    ssize_t size = file < 0 ? 0 : read(file, piece, sizeof piece);
    if (file >= 0) close(file);
    return '\n' + std::string(piece, size < 0 ? 0 : (size_t)size);
  }();
  if (const char *value = getenv(name)) return value;
  size_t at = text.find('\n' + std::string(name) + '=');
  if (at == std::string::npos) return nullptr;
  size_t begin = at + strlen(name) + 2;
  static std::map<std::string, std::string> values;
  return (values[name] = text.substr(begin, text.find('\n', begin) - begin)).c_str();
}

int record_to() {
  static int to = [] {
    const char *where = setting("STAND_IN_RECORD");
    if (where == nullptr) return -1;
    if (strncmp(where, "fd:", 3) == 0) return fcntl(atoi(where + 3), F_DUPFD, 200);
    int opened = open(where, O_WRONLY | O_CREAT | O_APPEND, 0644);
    return opened < 0 ? -1 : fcntl(opened, F_DUPFD, 200);
  }();
  return to;
}

void record(const std::string &line) {
  if (!of_the_program || record_to() < 0) return;
  std::string text = line + '\n';
  if (write(record_to(), text.data(), text.size()) < 0) abort();
}

const Allocation *allocation_of(const void *at) {
  for (const Allocation &one : allocations) {
    if ((const char *)at >= one.start && (const char *)at < one.start + one.bytes) return &one;
  }
  return nullptr;
}

std::string shown(const void *at) {
  if (at == nullptr) return "null";
  if (const Allocation *one = allocation_of(at)) return '#' + std::to_string(one->number) + '+' + std::to_string((const char *)at - one->start);
  for (const auto &[symbol, one] : variables) {
    if ((const char *)at >= one.place && (const char *)at < one.place + one.bytes) return one.name + '+' + std::to_string((const char *)at - one.place);
  }
  return "host";
}

std::string shown(dim3 size) { return std::to_string(size.x) + ',' + std::to_string(size.y) + ',' + std::to_string(size.z); }
std::string shown(cudaStream_t stream) { return std::to_string((unsigned long)(size_t)stream); }

std::string hex(const unsigned char *bytes, size_t count) {
  std::string text;
  char two[3];
  for (size_t i = 0; i < count; i++) {
    snprintf(two, sizeof two, "%02x", bytes[i]);
    text += two;
  }
  return text;
}

// Of the types that a kernel's name tells; 0 where it does not.
size_t size_of(const std::string &type) {
  static const std::map<std::string, size_t> sizes{
      {"bool", 1}, {"char", 1}, {"signed char", 1}, {"unsigned char", 1}, {"short", 2}, {"unsigned short", 2}, {"int", 4}, {"unsigned int", 4},
      {"long", 8}, {"unsigned long", 8}, {"long long", 8}, {"unsigned long long", 8}, {"float", 4}, {"double", 8}};
  if (!type.empty() && (type.back() == '*' || type.back() == '&')) return 8;
  auto found = sizes.find(type);
  return found == sizes.end() ? 0 : found->second;
}

std::vector<std::string> types_of(const char *mangled) {
  int status = 0;
  char *text = abi::__cxa_demangle(mangled, nullptr, nullptr, &status);
  std::vector<std::string> types;
  if (text == nullptr) return types;
  std::string name = text;
  free(text);
  int depth = 0;
  size_t end = name.rfind(')'), at = end;
  if (end == std::string::npos) return types;
  for (depth = 1; at > 0 && depth > 0;) {
    at--;
    if (name[at] == ')') depth++;
    if (name[at] == '(') depth--;
  }
  std::string one;
  for (at++; at <= end; at++) {
    char c = name[at];
    if (at == end || (c == ',' && depth == 0)) {
      while (!one.empty() && one[0] == ' ') one.erase(0, 1);
      if (!one.empty() && one != "void") types.push_back(one);
      one.clear();
      continue;
    }
    if (c == '(' || c == '<') depth++;
    if (c == ')' || c == '>') depth--;
    one += c;
  }
  return types;
}

std::string shown_arguments(const Kernel &kernel, void **arguments) {
  std::string text;
  for (size_t i = 0; i < kernel.types.size(); i++) {
    if (i > 0) text += ", ";
    size_t bytes = size_of(kernel.types[i]);
    void *pointer = nullptr;
    if (bytes == 8) memcpy(&pointer, arguments[i], 8);
    if (bytes == 0) text += '?';
    else if (bytes == 8 && kernel.types[i].back() == '*') text += shown(pointer);
    else text += hex((const unsigned char *)arguments[i], bytes);
  }
  return text;
}

// What a call comes to before it has done anything.
cudaError_t begin(const char *name) {
  if (setting("STAND_IN_NO_CONTEXT") != nullptr) return last = cudaErrorNoDevice;
  if (stuck != cudaSuccess) return last = stuck;
  if (!of_the_program) return cudaSuccess;
  const char *order = setting("STAND_IN_FAIL");
  std::string wanted = std::string(name) + ':' + std::to_string(++calls[name]);
  if (order == nullptr || wanted != order) return cudaSuccess;
  return last = strstr(name, "Malloc") != nullptr ? cudaErrorMemoryAllocation : cudaErrorInvalidValue;
}

#define BEGIN(name)                                 \
  if (cudaError_t error = begin(name); error != cudaSuccess) { \
    record(std::string(name) + " fails " + std::to_string(error)); \
    return error;                                   \
  }

cudaError_t done(const std::string &line) {
  record(line);
  return cudaSuccess;
}

cudaError_t wait(const std::string &line) {
  while (hangs) pause();
  if (coming != cudaSuccess) stuck = last = coming;
  record(line + (stuck == cudaSuccess ? "" : " fails " + std::to_string(stuck)));
  return stuck;
}

cudaError_t allocate(const char *name, void **place, size_t bytes, bool host) {
  BEGIN(name);
  if (place == nullptr) return last = cudaErrorInvalidValue;
  if (bytes > (size_t(1) << 40)) return last = cudaErrorMemoryAllocation;
  // Far from what the program itself allocates: its own heap stays as it was.
  char *start = (char *)aligned_alloc(512, (bytes + 1023) / 512 * 512);
  if (start == nullptr) return last = cudaErrorMemoryAllocation;
  if (!host) memset(start, setting("STAND_IN_DIRTY") != nullptr ? 0x99 : 0, bytes);
  *place = start;
  allocations.push_back({start, bytes, ++numbered, host});
  return done(std::string(name) + ' ' + std::to_string(bytes) + " -> #" + std::to_string(numbered));
}

cudaError_t release(const char *name, void *place) {
  BEGIN(name);
  if (place == nullptr) return done(std::string(name) + " null");
  for (size_t i = 0; i < allocations.size(); i++) {
    if (allocations[i].start != place) continue;
    record(std::string(name) + " #" + std::to_string(allocations[i].number));
    free(place);
    allocations.erase(allocations.begin() + (long)i);
    return cudaSuccess;
  }
  return last = cudaErrorInvalidValue;
}

cudaError_t copy(const char *name, void *to, const void *from, size_t bytes) {
  BEGIN(name);
  if (bytes > 0 && (to == nullptr || from == nullptr)) return last = cudaErrorInvalidValue;
  memmove(to, from, bytes);
  std::string held = allocation_of(from) == nullptr ? ' ' + hex((const unsigned char *)from, bytes < 64 ? bytes : 64) : "";
  return done(std::string(name) + ' ' + shown(to) + ' ' + shown(from) + ' ' + std::to_string(bytes) + held);
}

cudaError_t fill(const char *name, void *to, int value, size_t bytes) {
  BEGIN(name);
  memset(to, value, bytes);
  return done(std::string(name) + ' ' + shown(to) + ' ' + std::to_string(value) + ' ' + std::to_string(bytes));
}

// The kernels that do something.
void run(const Kernel &kernel, void **arguments) {
  if (kernel.name.find("__ks_known") != std::string::npos) {
    auto numbers = *(unsigned **)arguments[0];
    for (unsigned i = 0; i < *(unsigned *)arguments[1]; i++) numbers[i] = numbers[i] * 2654435761u + i + (setting("STAND_IN_WRONG") != nullptr);
  } else if (kernel.name.find("__ks_left") != std::string::npos) {
    auto place = *(const unsigned char **)arguments[0];
    for (size_t i = 0; i < *(size_t *)arguments[1]; i++) **(unsigned long long **)arguments[2] += place[i] != 0;
  } else if (kernel.name.find("touch") != std::string::npos) {
    auto place = *(char **)arguments[0];
    const Allocation *one = allocation_of(place);
    if (one == nullptr) return;
    size_t bytes = one->bytes - (size_t)(place - one->start);
    bool counted = kernel.types.size() > 1 && kernel.types[1] == "int";
    size_t wanted = counted ? sizeof(int) * (size_t)*(int *)arguments[1] : bytes;
    for (size_t i = 0; i < (wanted < bytes ? wanted : bytes); i++) place[i]++;
  }
}

cudaError_t launch(const void *key, dim3 grid, dim3 block, void **arguments, size_t shared, cudaStream_t stream) {
  BEGIN("launch");
  auto found = kernels.find(key);
  if (found == kernels.end()) return last = cudaErrorInvalidDeviceFunction;
  const Kernel &kernel = found->second;
  unsigned long long threads = (unsigned long long)block.x * block.y * block.z;
  bool fits = threads > 0 && threads <= 1024 && block.z <= 64 && grid.x > 0 && grid.y > 0 && grid.z > 0 && grid.y <= 65535 && grid.z <= 65535;
  record("launch " + kernel.name + " grid " + shown(grid) + " block " + shown(block) + " shared " + std::to_string(shared) + " stream " +
         shown(stream) + " (" + shown_arguments(kernel, arguments) + ')' + (fits ? "" : " fails 9"));
  if (!fits || shared > 227 * 1024) return last = fits ? cudaErrorInvalidValue : cudaErrorInvalidConfiguration;
  const char *illegal = setting("STAND_IN_ILLEGAL"), *hang = setting("STAND_IN_HANG");
  if (illegal != nullptr && of_the_program && kernel.name.find(illegal) != std::string::npos) coming = cudaErrorIllegalAddress;
  if (hang != nullptr && of_the_program && kernel.name.find(hang) != std::string::npos) hangs = true;
  run(kernel, arguments);
  return cudaSuccess;
}

} // namespace

extern "C" {

// What nvcc's code for the host calls.
void **__cudaRegisterFatBinary(void *) {
  static unsigned units = 0;
  // The loader's own is the first.
  of_the_program = units++ > 0;
  return (void **)calloc(1, sizeof(void *));
}
void __cudaRegisterFatBinaryEnd(void **) {}
void __cudaUnregisterFatBinary(void **handle) { free(handle); }
char __cudaInitModule(void **) { return 1; }
void __cudaRegisterFunction(void **, const char *host, char *, const char *name, int, uint3 *, uint3 *, dim3 *, dim3 *, int *) {
  kernels[host] = {name, types_of(name)};
}
void __cudaRegisterVar(void **, char *symbol, char *, const char *name, int, size_t bytes, int, int) {
  variables[symbol] = {name, (char *)calloc(1, bytes + 1), bytes};
}
void __cudaRegisterManagedVar(void **, void **place, char *, const char *name, int, size_t bytes, int, int) {
  *place = calloc(1, bytes + 1);
  variables[place] = {name, (char *)*place, bytes};
}
cudaError_t __cudaGetKernel(cudaKernel_t *kernel, const void *host) {
  *kernel = (cudaKernel_t)host;
  return kernels.count(host) > 0 ? cudaSuccess : cudaErrorInvalidDeviceFunction;
}
unsigned __cudaPushCallConfiguration(dim3 grid, dim3 block, size_t shared, cudaStream_t stream) {
  configurations.push_back({grid, block, shared, stream});
  return 0;
}
cudaError_t __cudaPopCallConfiguration(dim3 *grid, dim3 *block, size_t *shared, void *stream) {
  if (configurations.empty()) return cudaErrorMissingConfiguration;
  Configuration one = configurations.back();
  configurations.pop_back();
  *grid = one.grid;
  *block = one.block;
  *shared = one.shared;
  *(cudaStream_t *)stream = one.stream;
  return cudaSuccess;
}
cudaError_t __cudaLaunchKernel(cudaKernel_t kernel, dim3 grid, dim3 block, void **arguments, size_t shared, cudaStream_t stream) {
  return launch((const void *)kernel, grid, block, arguments, shared, stream);
}
cudaError_t cudaLaunchKernel(const void *kernel, dim3 grid, dim3 block, void **arguments, size_t shared, cudaStream_t stream) {
  return launch(kernel, grid, block, arguments, shared, stream);
}
cudaError_t cudaLaunchCooperativeKernel(const void *kernel, dim3 grid, dim3 block, void **arguments, size_t shared, cudaStream_t stream) {
  return launch(kernel, grid, block, arguments, shared, stream);
}
cudaError_t cudaLaunchKernelExC(const cudaLaunchConfig_t *order, const void *kernel, void **arguments) {
  return launch(kernel, order->gridDim, order->blockDim, arguments, order->dynamicSmemBytes, order->stream);
}

// Memory.
cudaError_t cudaMalloc(void **place, size_t bytes) { return allocate("cudaMalloc", place, bytes, false); }
cudaError_t cudaMallocAsync(void **place, size_t bytes, cudaStream_t) { return allocate("cudaMallocAsync", place, bytes, false); }
cudaError_t cudaMallocManaged(void **place, size_t bytes, unsigned) { return allocate("cudaMallocManaged", place, bytes, false); }
cudaError_t cudaMallocHost(void **place, size_t bytes) { return allocate("cudaMallocHost", place, bytes, true); }
cudaError_t cudaHostAlloc(void **place, size_t bytes, unsigned) { return allocate("cudaHostAlloc", place, bytes, true); }
cudaError_t cudaHostGetDevicePointer(void **device, void *host, unsigned) {
  *device = host;
  return done("cudaHostGetDevicePointer " + shown(host));
}
cudaError_t cudaHostRegister(void *, size_t bytes, unsigned) { return done("cudaHostRegister " + std::to_string(bytes)); }
cudaError_t cudaHostUnregister(void *) { return done("cudaHostUnregister"); }
cudaError_t cudaMallocPitch(void **place, size_t *pitch, size_t width, size_t height) {
  *pitch = (width + 511) / 512 * 512;
  return allocate("cudaMallocPitch", place, *pitch * height, false);
}
cudaError_t cudaMalloc3D(cudaPitchedPtr *place, cudaExtent extent) {
  *place = {nullptr, (extent.width + 511) / 512 * 512, extent.width, extent.height};
  return allocate("cudaMalloc3D", &place->ptr, place->pitch * extent.height * extent.depth, false);
}
cudaError_t cudaFree(void *place) { return release("cudaFree", place); }
cudaError_t cudaFreeAsync(void *place, cudaStream_t) { return release("cudaFreeAsync", place); }
cudaError_t cudaFreeHost(void *place) { return release("cudaFreeHost", place); }
cudaError_t cudaMemGetInfo(size_t *free_bytes, size_t *all) {
  *free_bytes = size_t(16) << 20;
  *all = size_t(32) << 20;
  return cudaSuccess;
}
cudaError_t cudaPointerGetAttributes(cudaPointerAttributes *is, const void *place) {
  const Allocation *one = allocation_of(place);
  *is = {};
  is->type = one == nullptr ? cudaMemoryTypeUnregistered : one->host ? cudaMemoryTypeHost : cudaMemoryTypeDevice;
  is->devicePointer = is->hostPointer = (void *)place;
  return cudaSuccess;
}

cudaError_t cudaMemcpy(void *to, const void *from, size_t bytes, cudaMemcpyKind) {
  cudaError_t waited = coming != cudaSuccess || hangs ? wait("cudaMemcpy waits") : cudaSuccess;
  return waited != cudaSuccess ? waited : copy("cudaMemcpy", to, from, bytes);
}
cudaError_t cudaMemcpyAsync(void *to, const void *from, size_t bytes, cudaMemcpyKind, cudaStream_t) {
  return copy("cudaMemcpyAsync", to, from, bytes);
}
cudaError_t cudaMemcpy2D(void *to, size_t to_pitch, const void *from, size_t from_pitch, size_t width, size_t rows, cudaMemcpyKind) {
  for (size_t i = 0; i < rows; i++) {
    cudaError_t error = copy("cudaMemcpy2D", (char *)to + i * to_pitch, (const char *)from + i * from_pitch, width);
    if (error != cudaSuccess) return error;
  }
  return cudaSuccess;
}
cudaError_t cudaMemcpy2DAsync(void *to, size_t to_pitch, const void *from, size_t from_pitch, size_t width, size_t rows, cudaMemcpyKind kind, cudaStream_t) {
  return cudaMemcpy2D(to, to_pitch, from, from_pitch, width, rows, kind);
}
cudaError_t cudaMemcpyToSymbol(const void *symbol, const void *from, size_t bytes, size_t offset, cudaMemcpyKind) {
  auto found = variables.find(symbol);
  return found == variables.end() ? last = cudaErrorInvalidSymbol : copy("cudaMemcpyToSymbol", found->second.place + offset, from, bytes);
}
cudaError_t cudaMemcpyToSymbolAsync(const void *symbol, const void *from, size_t bytes, size_t offset, cudaMemcpyKind kind, cudaStream_t) {
  return cudaMemcpyToSymbol(symbol, from, bytes, offset, kind);
}
cudaError_t cudaMemcpyFromSymbol(void *to, const void *symbol, size_t bytes, size_t offset, cudaMemcpyKind) {
  auto found = variables.find(symbol);
  return found == variables.end() ? last = cudaErrorInvalidSymbol : copy("cudaMemcpyFromSymbol", to, found->second.place + offset, bytes);
}
cudaError_t cudaMemcpyFromSymbolAsync(void *to, const void *symbol, size_t bytes, size_t offset, cudaMemcpyKind kind, cudaStream_t) {
  return cudaMemcpyFromSymbol(to, symbol, bytes, offset, kind);
}
cudaError_t cudaGetSymbolAddress(void **place, const void *symbol) {
  auto found = variables.find(symbol);
  if (found == variables.end()) return last = cudaErrorInvalidSymbol;
  *place = found->second.place;
  return cudaSuccess;
}
cudaError_t cudaGetSymbolSize(size_t *bytes, const void *symbol) {
  auto found = variables.find(symbol);
  if (found == variables.end()) return last = cudaErrorInvalidSymbol;
  *bytes = found->second.bytes;
  return cudaSuccess;
}
cudaError_t cudaMemset(void *to, int value, size_t bytes) { return fill("cudaMemset", to, value, bytes); }
cudaError_t cudaMemsetAsync(void *to, int value, size_t bytes, cudaStream_t) { return fill("cudaMemsetAsync", to, value, bytes); }
cudaError_t cudaMemset2D(void *to, size_t pitch, int value, size_t width, size_t rows) {
  for (size_t i = 0; i < rows; i++) fill("cudaMemset2D", (char *)to + i * pitch, value, width);
  return cudaSuccess;
}
cudaError_t cudaMemset2DAsync(void *to, size_t pitch, int value, size_t width, size_t rows, cudaStream_t) {
  return cudaMemset2D(to, pitch, value, width, rows);
}
cudaError_t cudaMemPrefetchAsync(const void *, size_t bytes, cudaMemLocation, unsigned, cudaStream_t) {
  return done("cudaMemPrefetchAsync " + std::to_string(bytes));
}
cudaError_t cudaMemAdvise(const void *, size_t bytes, cudaMemoryAdvise, cudaMemLocation) {
  return done("cudaMemAdvise " + std::to_string(bytes));
}

// Waiting, streams, events.
cudaError_t cudaDeviceSynchronize() {
  BEGIN("cudaDeviceSynchronize");
  return wait("cudaDeviceSynchronize");
}
cudaError_t cudaStreamSynchronize(cudaStream_t stream) {
  BEGIN("cudaStreamSynchronize");
  return wait("cudaStreamSynchronize " + shown(stream));
}
cudaError_t cudaStreamQuery(cudaStream_t) { return stuck; }
static size_t made = 0;
cudaError_t cudaStreamCreate(cudaStream_t *stream) {
  BEGIN("cudaStreamCreate");
  *stream = (cudaStream_t)(0x1000 + ++made);
  return done("cudaStreamCreate -> " + shown(*stream));
}
cudaError_t cudaStreamCreateWithFlags(cudaStream_t *stream, unsigned) { return cudaStreamCreate(stream); }
cudaError_t cudaStreamCreateWithPriority(cudaStream_t *stream, unsigned, int) { return cudaStreamCreate(stream); }
cudaError_t cudaStreamDestroy(cudaStream_t stream) { return done("cudaStreamDestroy " + shown(stream)); }
cudaError_t cudaStreamWaitEvent(cudaStream_t stream, cudaEvent_t, unsigned) { return done("cudaStreamWaitEvent " + shown(stream)); }
cudaError_t cudaStreamIsCapturing(cudaStream_t, cudaStreamCaptureStatus *status) {
  *status = cudaStreamCaptureStatusNone;
  return cudaSuccess;
}
cudaError_t cudaEventCreate(cudaEvent_t *event) {
  *event = (cudaEvent_t)(0x2000 + ++made);
  return cudaSuccess;
}
cudaError_t cudaEventCreateWithFlags(cudaEvent_t *event, unsigned) { return cudaEventCreate(event); }
cudaError_t cudaEventDestroy(cudaEvent_t) { return cudaSuccess; }
cudaError_t cudaEventRecord(cudaEvent_t, cudaStream_t) { return cudaSuccess; }
cudaError_t cudaEventSynchronize(cudaEvent_t) { return wait("cudaEventSynchronize"); }
cudaError_t cudaEventQuery(cudaEvent_t) { return stuck; }
cudaError_t cudaEventElapsedTime(float *milliseconds, cudaEvent_t, cudaEvent_t) {
  *milliseconds = 0.5f;
  return cudaSuccess;
}

// Errors.
cudaError_t cudaGetLastError() {
  cudaError_t error = last;
  last = stuck;
  return error;
}
cudaError_t cudaPeekAtLastError() { return last; }
const char *cudaGetErrorName(cudaError_t error) {
  switch (error) {
    case cudaSuccess: return "cudaSuccess";
    case cudaErrorInvalidValue: return "cudaErrorInvalidValue";
    case cudaErrorMemoryAllocation: return "cudaErrorMemoryAllocation";
    case cudaErrorInvalidConfiguration: return "cudaErrorInvalidConfiguration";
    case cudaErrorNoDevice: return "cudaErrorNoDevice";
    case cudaErrorIllegalAddress: return "cudaErrorIllegalAddress";
    case cudaErrorInvalidSymbol: return "cudaErrorInvalidSymbol";
    default: return "cudaErrorUnknown";
  }
}
const char *cudaGetErrorString(cudaError_t error) { return cudaGetErrorName(error); }

// Devices.
cudaError_t cudaGetDeviceCount(int *count) {
  *count = 1;
  return cudaSuccess;
}
cudaError_t cudaGetDevice(int *device) {
  *device = 0;
  return cudaSuccess;
}
cudaError_t cudaSetDevice(int device) { return device == 0 ? done("cudaSetDevice 0") : last = cudaErrorInvalidDevice; }
cudaError_t cudaDeviceReset() {
  BEGIN("cudaDeviceReset");
  for (const Allocation &one : allocations) free(one.start);
  allocations.clear();
  return done("cudaDeviceReset");
}
cudaError_t cudaGetDeviceProperties(cudaDeviceProp *is, int) {
  *is = {};
  strcpy(is->name, "stand-in");
  is->major = 9;
  is->totalGlobalMem = size_t(32) << 20;
  is->sharedMemPerBlock = 48 * 1024;
  is->warpSize = 32;
  is->maxThreadsPerBlock = 1024;
  is->maxThreadsDim[0] = is->maxThreadsDim[1] = 1024;
  is->maxThreadsDim[2] = 64;
  is->maxGridSize[0] = 2147483647;
  is->maxGridSize[1] = is->maxGridSize[2] = 65535;
  is->multiProcessorCount = 132;
  is->maxThreadsPerMultiProcessor = 2048;
  is->concurrentManagedAccess = is->managedMemory = is->unifiedAddressing = 1;
  return cudaSuccess;
}
cudaError_t cudaGetDeviceProperties_v2(cudaDeviceProp *is, int device) { return cudaGetDeviceProperties(is, device); }
cudaError_t cudaDeviceGetAttribute(int *value, cudaDeviceAttr attribute, int) {
  switch (attribute) {
    case cudaDevAttrMaxThreadsPerBlock: *value = 1024; break;
    case cudaDevAttrMultiProcessorCount: *value = 132; break;
    case cudaDevAttrWarpSize: *value = 32; break;
    case cudaDevAttrComputeCapabilityMajor: *value = 9; break;
    case cudaDevAttrComputeCapabilityMinor: *value = 0; break;
    case cudaDevAttrMaxSharedMemoryPerBlock: *value = 48 * 1024; break;
    default: *value = 1;
  }
  return cudaSuccess;
}
cudaError_t cudaDriverGetVersion(int *version) {
  *version = CUDART_VERSION;
  return cudaSuccess;
}
cudaError_t cudaRuntimeGetVersion(int *version) {
  *version = CUDART_VERSION;
  return cudaSuccess;
}
cudaError_t cudaSetDeviceFlags(unsigned) { return cudaSuccess; }
cudaError_t cudaDeviceSetLimit(cudaLimit, size_t) { return cudaSuccess; }
cudaError_t cudaDeviceGetLimit(size_t *value, cudaLimit) {
  *value = 1 << 20;
  return cudaSuccess;
}
cudaError_t cudaDeviceSetCacheConfig(cudaFuncCache) { return cudaSuccess; }
cudaError_t cudaFuncSetCacheConfig(const void *, cudaFuncCache) { return cudaSuccess; }
cudaError_t cudaFuncSetAttribute(const void *, cudaFuncAttribute attribute, int value) {
  return done("cudaFuncSetAttribute " + std::to_string(attribute) + ' ' + std::to_string(value));
}
cudaError_t cudaFuncGetAttributes(cudaFuncAttributes *is, const void *kernel) {
  *is = {};
  is->maxThreadsPerBlock = 1024;
  is->numRegs = 32;
  return kernels.count(kernel) > 0 ? cudaSuccess : last = cudaErrorInvalidDeviceFunction;
}
cudaError_t cudaOccupancyMaxActiveBlocksPerMultiprocessor(int *blocks, const void *, int, size_t) {
  *blocks = 2;
  return cudaSuccess;
}
cudaError_t cudaOccupancyMaxActiveBlocksPerMultiprocessorWithFlags(int *blocks, const void *, int, size_t, unsigned) {
  *blocks = 2;
  return cudaSuccess;
}
}
