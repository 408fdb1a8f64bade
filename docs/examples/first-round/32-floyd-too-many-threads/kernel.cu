__global__ void floyd_step_kernel(int *dist, int n, int k) {
    int j = blockIdx.x * blockDim.x + threadIdx.x;
    int i = blockIdx.y * blockDim.y + threadIdx.y;
    if (i < n && j < n) {
        int through = dist[i * 6 + k] + dist[k * 6 + j];
        if (through < dist[i * 6 + j]) {
            dist[i * 6 + j] = through;
        }
    }
}
