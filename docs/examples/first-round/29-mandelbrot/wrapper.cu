void mandelbrot_cuda(int width, int height, float left, float top, float step, int limit, int *count) {
    int *d_count;
    cudaMalloc(&d_count, width * height * sizeof(int));
    dim3 block(4, 4);
    dim3 grid((width + block.x - 1) / block.x, (height + block.y - 1) / block.y);
    mandelbrot_kernel<<<grid, block>>>(width, height, left, top, step, limit, d_count);
    cudaMemcpy(count, d_count, width * height * sizeof(int), cudaMemcpyDeviceToHost);
    cudaFree(d_count);
}
