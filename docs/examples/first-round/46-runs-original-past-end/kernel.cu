__global__ void count_runs_kernel(const int *a, int n, int *runs) {
    int i = blockIdx.x * blockDim.x + threadIdx.x;
    if (i < n && (i + 1 == n || a[i] != a[i + 1])) {
        atomicAdd(runs, 1);
    }
}
