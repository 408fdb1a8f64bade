//// features: histogram, atomicAdd on unsigned with an int argument and on int, global memory
//// sequential
int histogram_weights(const int *key, const int *weight, unsigned *bins, int n) {
    int total = 0;
    for (int b = 0; b < 5; b++) bins[b] = 0;
    for (int i = 0; i < n; i++) {
        bins[key[i] % 5] += weight[i];
        total -= weight[i];
    }
    return total;
}
//// kernel
__global__ void weigh(const int *key, const int *weight, unsigned *bins, int *total, int n) {
    int i = blockIdx.x * blockDim.x + threadIdx.x;
    if (i >= n) return;
    atomicAdd(&bins[key[i] % 5], weight[i]);
    atomicSub(total, weight[i]);
}
//// wrapper
int histogram_weights_cuda(const int *key, const int *weight, unsigned *bins, int n) {
    int *d_key, *d_weight, *d_total, total;
    unsigned *d_bins;
    cudaMalloc(&d_key, n * sizeof(int));
    cudaMalloc(&d_weight, n * sizeof(int));
    cudaMalloc(&d_total, sizeof(int));
    cudaMalloc(&d_bins, 5 * sizeof(unsigned));
    cudaMemcpy(d_key, key, n * sizeof(int), cudaMemcpyHostToDevice);
    cudaMemcpy(d_weight, weight, n * sizeof(int), cudaMemcpyHostToDevice);
    cudaMemset(d_total, 0, sizeof(int));
    cudaMemset(d_bins, 0, 5 * sizeof(unsigned));
    weigh<<<(n + 31) / 32, 32>>>(d_key, d_weight, d_bins, d_total, n);
    cudaMemcpy(bins, d_bins, 5 * sizeof(unsigned), cudaMemcpyDeviceToHost);
    cudaMemcpy(&total, d_total, sizeof(int), cudaMemcpyDeviceToHost);
    cudaFree(d_key);
    cudaFree(d_weight);
    cudaFree(d_total);
    cudaFree(d_bins);
    return total;
}
//// tests
int key[4] = {0, 1, 5, 7}, weight[4] = {10, 20, 30, 40};
unsigned bins[5];
wrapper(FUNCTION, key, weight, bins, 4);
---
int key[90], weight[90];
unsigned bins[5];
for (int i = 0; i < 90; i++) key[i] = i * i, weight[i] = 2 - i % 4;
wrapper(FUNCTION, key, weight, bins, 90);
