//// features: segmented scan, __shfl_up_sync, several warps
//// sequential
void scan_warp_segments(const int *value, const int *head, int *out, int n) {
    for (int i = 0; i < n; i++) out[i] = value[i] + (head[i] || i % 32 == 0 ? 0 : out[i - 1]);
}
//// kernel
__global__ void segments(const int *value, const int *head, int *out, int n) {
    int i = blockIdx.x * blockDim.x + threadIdx.x;
    int lane = threadIdx.x % warpSize;
    int sum = i < n ? value[i] : 0;
    int stop = i < n ? head[i] : 1;
    for (int d = 1; d < 32; d *= 2) {
        int other = __shfl_up_sync(~0u, sum, d);
        int other_stop = __shfl_up_sync(~0u, stop, d);
        if (lane >= d && !stop) {
            sum += other;
            stop = other_stop;
        }
    }
    if (i < n) out[i] = sum;
}
//// wrapper
void scan_warp_segments_cuda(const int *value, const int *head, int *out, int n) {
    int *d, bytes = n * sizeof(int);
    cudaMalloc(&d, 3 * bytes);
    cudaMemcpy(d, value, bytes, cudaMemcpyHostToDevice);
    cudaMemcpy(d + n, head, bytes, cudaMemcpyHostToDevice);
    segments<<<(n + 63) / 64, 64>>>(d, d + n, d + 2 * n, n);
    cudaMemcpy(out, d + 2 * n, bytes, cudaMemcpyDeviceToHost);
    cudaFree(d);
}
//// tests
int value[6] = {1, 2, 3, 4, 5, 6}, head[6] = {1, 0, 0, 1, 0, 0}, out[6];
wrapper(FUNCTION, value, head, out, 6);
---
int value[150], head[150], out[150];
for (int i = 0; i < 150; i++) value[i] = i % 10, head[i] = i % 17 == 0;
wrapper(FUNCTION, value, head, out, 150);
