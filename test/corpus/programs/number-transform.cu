//// features: number-theoretic transform, modular powers in 64 bits, bit reversal, __host__ __device__ functions
//// sequential
void number_transform(unsigned *values, int n) {
    const unsigned long long p = 998244353;
    auto power = [&](unsigned long long base, unsigned e) {
        unsigned long long result = 1;
        for (; e > 0; e--) result = result * base % p;
        return result;
    };
    unsigned long long root = 3;
    // An element of order n: 3 to the power of (p - 1) / n, by squaring.
    unsigned long long w = 1, base = root;
    for (unsigned e = (p - 1) / n; e > 0; e >>= 1, base = base * base % p)
        if (e & 1) w = w * base % p;
    vector<unsigned> out(n);
    for (int k = 0; k < n; k++) {
        unsigned long long sum = 0;
        for (int i = 0; i < n; i++) sum = (sum + values[i] * power(w, i * k % n)) % p;
        out[k] = (unsigned)sum;
    }
    copy(out.begin(), out.end(), values);
}
//// kernel
typedef unsigned long long u64;
constexpr u64 P = 998244353;
__host__ __device__ u64 power(u64 base, u64 e) {
    u64 result = 1;
    for (; e > 0; e >>= 1, base = base * base % P)
        if (e & 1) result = result * base % P;
    return result;
}
__global__ void transform_block(unsigned *values, int n, int bits, u64 w) {
    extern __shared__ unsigned cells[];
    int t = threadIdx.x;
    for (int i = t; i < n; i += blockDim.x) cells[__brev(i) >> (32 - bits)] = values[i];
    __syncthreads();
    for (int half = 1; half < n; half *= 2) {
        int at = t / half * 2 * half + t % half;
        u64 twiddle = power(w, (u64)(n / (2 * half)) * (t % half));
        u64 a = cells[at], b = cells[at + half] * twiddle % P;
        cells[at] = (unsigned)((a + b) % P);
        cells[at + half] = (unsigned)((a + P - b) % P);
        __syncthreads();
    }
    for (int i = t; i < n; i += blockDim.x) values[i] = cells[i];
}
//// wrapper
void number_transform_cuda(unsigned *values, int n) {
    unsigned *device;
    int bits = 0;
    while (1 << bits < n) bits++;
    cudaMalloc(&device, n * sizeof(unsigned));
    cudaMemcpy(device, values, n * sizeof(unsigned), cudaMemcpyHostToDevice);
    transform_block<<<1, n / 2, n * sizeof(unsigned)>>>(device, n, bits, power(3, (P - 1) / n));
    cudaMemcpy(values, device, n * sizeof(unsigned), cudaMemcpyDeviceToHost);
    cudaFree(device);
}
//// tests
unsigned values[4] = {1, 2, 3, 4};
wrapper(FUNCTION, values, 4);
---
unsigned values[64];
for (int i = 0; i < 64; i++) values[i] = i * 123457u;
wrapper(FUNCTION, values, 64);
