__device__ float squared_distance(const float *a, const float *b, int dims) {
    float sum = 0.0f;
    for (int d = 0; d < dims; d++) {
        float diff = a[d] - b[d];
        sum += diff * diff;
    }
    return sum;
}

__global__ void assign_clusters_kernel(const float *points, int n, const float *centres, int k, int dims, int *labels) {
    int p = blockIdx.x * blockDim.x + threadIdx.x;
    if (p >= n) return;
    int best = 0;
    float nearest = 0.0f;
    for (int c = 0; c < k; c++) {
        float distance = squared_distance(points + p * dims, centres + c * dims, dims);
        if (distance < nearest) {
            nearest = distance;
            best = c;
        }
    }
    labels[p] = best;
}
