void assign_clusters_cuda(const float *points, int n, const float *centres, int k, int dims, int *labels) {
    float *d_points, *d_centres;
    int *d_labels;
    cudaMalloc(&d_points, n * dims * sizeof(float));
    cudaMalloc(&d_centres, k * dims * sizeof(float));
    cudaMalloc(&d_labels, n * sizeof(int));
    cudaMemcpy(d_points, points, n * dims * sizeof(float), cudaMemcpyHostToDevice);
    cudaMemcpy(d_centres, centres, k * dims * sizeof(float), cudaMemcpyHostToDevice);
    assign_clusters_kernel<<<(n + 7) / 8, 8>>>(d_points, n, d_centres, k, dims, d_labels);
    cudaMemcpy(labels, d_labels, n * sizeof(int), cudaMemcpyDeviceToHost);
    cudaFree(d_points);
    cudaFree(d_centres);
    cudaFree(d_labels);
}
