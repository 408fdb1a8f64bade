//// features: scan, up-sweep and down-sweep, exclusive
//// sequential
void scan_blelloch(const unsigned *in, unsigned *out, int n) {
    out[0] = 0;
    for (int i = 1; i < n; i++) out[i] = out[i - 1] + in[i - 1];
}
//// kernel
__global__ void blelloch(const unsigned *in, unsigned *out, int n) {
    extern __shared__ unsigned cells[];
    int t = threadIdx.x;
    cells[2 * t] = 2 * t < n ? in[2 * t] : 0;
    cells[2 * t + 1] = 2 * t + 1 < n ? in[2 * t + 1] : 0;
    int offset = 1;
    for (int d = blockDim.x; d > 0; d >>= 1, offset *= 2) {
        __syncthreads();
        if (t < d) cells[offset * (2 * t + 2) - 1] += cells[offset * (2 * t + 1) - 1];
    }
    if (t == 0) cells[2 * blockDim.x - 1] = 0;
    for (int d = 1; d <= blockDim.x; d *= 2) {
        offset >>= 1;
        __syncthreads();
        if (t < d) {
            int left = offset * (2 * t + 1) - 1, right = offset * (2 * t + 2) - 1;
            unsigned kept = cells[left];
            cells[left] = cells[right];
            cells[right] += kept;
        }
    }
    __syncthreads();
    if (2 * t < n) out[2 * t] = cells[2 * t];
    if (2 * t + 1 < n) out[2 * t + 1] = cells[2 * t + 1];
}
//// wrapper
void scan_blelloch_cuda(const unsigned *in, unsigned *out, int n) {
    unsigned *d_in, *d_out;
    int threads = 1;
    while (2 * threads < n) threads *= 2;
    cudaMalloc(&d_in, n * sizeof(unsigned));
    cudaMalloc(&d_out, n * sizeof(unsigned));
    cudaMemcpy(d_in, in, n * sizeof(unsigned), cudaMemcpyHostToDevice);
    blelloch<<<1, threads, 2 * threads * sizeof(unsigned)>>>(d_in, d_out, n);
    cudaMemcpy(out, d_out, n * sizeof(unsigned), cudaMemcpyDeviceToHost);
    cudaFree(d_in);
    cudaFree(d_out);
}
//// tests
unsigned in[8] = {3, 1, 7, 0, 4, 1, 6, 3}, out[8];
wrapper(FUNCTION, in, out, 8);
---
unsigned in[75], out[75];
for (int i = 0; i < 75; i++) in[i] = i * i % 13;
wrapper(FUNCTION, in, out, 75);
